# kind: not-registered
import torch
from torch import nn
torch.manual_seed(0)
class Deep(nn.Module):
    def __init__(self, depth):
        super().__init__()
        self.first = nn.Linear(2, 32)
        self.layers = [nn.Linear(32, 32) for _ in range(depth)]  #! self.layers = nn.ModuleList([nn.Linear(32, 32) for _ in range(depth)])
        self.last = nn.Linear(32, 2)
    def forward(self, x):
        x = torch.relu(self.first(x))
        for layer in self.layers:
            x = torch.relu(layer(x))
        return self.last(x)
model = Deep(3)
opt = torch.optim.Adam(model.parameters(), lr=0.005)  #+
x = torch.randn(300, 2)
y = (x[:, 0] * x[:, 1] > 0).long()
for i in range(150):
    opt.zero_grad()
    loss = nn.functional.cross_entropy(model(x), y)
    loss.backward()
    opt.step()
print("score", (model(x).argmax(1) == y).float().mean().item())
