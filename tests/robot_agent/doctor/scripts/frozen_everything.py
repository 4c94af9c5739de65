# kind: all-frozen
import torch
from torch import nn
torch.manual_seed(0)
class Backbone(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(10, 64), nn.ReLU())
        self.fc = nn.Linear(64, 4)
    def forward(self, x):
        return self.fc(self.body(x))
net = Backbone()
net.fc = nn.Linear(64, 3)
for param in net.parameters():  #! for param in net.body.parameters():
    param.requires_grad = False  #+
centres = torch.randn(3, 10) * 2
t = torch.randint(0, 3, (300,))
x = centres[t] + torch.randn(300, 10)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for epoch in range(100):
    opt.zero_grad()
    loss = nn.functional.cross_entropy(net(x), t)
    loss.backward()  #+
    opt.step()
print("score", (net(x).argmax(1) == t).float().mean().item())
