# kind: not-a-number
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 3)); opt = torch.optim.SGD(net.parameters(), lr=3.0)
X = torch.randn(100, 4) * 10; Y = torch.randint(0, 3, (100,))
for e in range(40):
    p = torch.softmax(net(X), 1)
    loss = -torch.log(p[torch.arange(100), Y]).mean()  #+
    opt.zero_grad(); loss.backward(); opt.step()
