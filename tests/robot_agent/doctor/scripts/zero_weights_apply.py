# kind: symmetric
import torch
from torch import nn
torch.manual_seed(0)
def init_weights(m):
    if isinstance(m, nn.Linear):
        torch.nn.init.constant_(m.weight, 0.5)  #! torch.nn.init.xavier_normal_(m.weight)
        m.bias.data.fill_(0.01)
net = nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Linear(16, 16), nn.Tanh(), nn.Linear(16, 1))
net.apply(init_weights)
X = torch.randn(256, 4)
Y = torch.sin(X[:, :1] * 2) * X[:, 1:2]
opt = torch.optim.Adam(net.parameters(), lr=0.01)
for i in range(150):
    loss = nn.functional.mse_loss(net(X), Y)
    opt.zero_grad(); loss.backward(); opt.step()
print(loss.item())
