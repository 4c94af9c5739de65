# kind: softmax-dim
import torch
import torch.nn.functional as F
from torch import nn
torch.manual_seed(0)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Linear(5, 24), nn.Linear(24, 3)
    def forward(self, x):
        return F.softmax(self.b(torch.tanh(self.a(x))), dim=0)  #! return F.softmax(self.b(torch.tanh(self.a(x))), dim=1)
net = Net()
opt = torch.optim.Adam(net.parameters(), lr=0.01)
t = torch.randint(0, 3, (300,))
onehot = F.one_hot(t, 3).float()
x = torch.randn(3, 5)[t] + 0.5 * torch.randn(300, 5)
for i in range(100):
    p = net(x)
    loss = -(onehot * torch.log(p + 1e-9)).sum(1).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
print("score", (net(x).argmax(1) == t).float().mean().item())
