# kind: made-anew
import torch
from torch import nn
torch.manual_seed(0)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(3, 32)
        self.out = nn.Linear(32, 2)
    def forward(self, x):
        x = torch.relu(self.fc1(x))
        x = nn.Linear(32, 32)(x)  #!-
        return self.out(torch.relu(x))
net = Net()
opt = torch.optim.Adam(net.parameters(), lr=0.01)
x = torch.randn(300, 3)
t = (x.norm(dim=1) > 1.5).long()
for i in range(150):
    opt.zero_grad()
    loss = nn.functional.cross_entropy(net(x), t)
    loss.backward()
    opt.step()
print("score", (net(x).argmax(1) == t).float().mean().item())
