# kind: symmetric
import torch
from torch import nn
torch.manual_seed(0)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(3, 20)
        self.fc2 = nn.Linear(20, 2)
        self.reset()  #!-
    def reset(self):
        for p in self.parameters():
            p.data.fill_(0.1)  #+
    def forward(self, x):
        return self.fc2(torch.tanh(self.fc1(x)))
net = Net()
opt = torch.optim.Adam(net.parameters(), lr=0.02)
x = torch.randn(300, 3)
t = (x[:, 0] * x[:, 1] > 0).long()
for i in range(200):
    opt.zero_grad()
    loss = nn.functional.cross_entropy(net(x), t)
    loss.backward()
    opt.step()
print("score", (net(x).argmax(1) == t).float().mean().item())
