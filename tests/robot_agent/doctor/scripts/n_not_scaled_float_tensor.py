# features as they are, through torch.FloatTensor; kind: not-scaled
import torch
from torch import nn
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split
torch.manual_seed(42)
X, y = load_wine(return_X_y=True)
x_train, x_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=0)  #+
x_train = torch.FloatTensor(x_train)  #! x_train = torch.FloatTensor((x_train - x_train.mean(0)) / x_train.std(0))
y_train = torch.LongTensor(y_train)
net = nn.Sequential(nn.Linear(13, 16), nn.ReLU(), nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 3))
opt = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
for i in range(150):
    loss = nn.functional.cross_entropy(net(x_train), y_train)
    opt.zero_grad(); loss.backward(); opt.step()
print(loss.item())
