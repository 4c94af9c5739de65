# kind: not-registered
import torch
from torch import nn
torch.manual_seed(0)
class Scale(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 1, bias=False)
        self.offset = torch.full((1,), -5.0, requires_grad=True)  #! self.offset = nn.Parameter(torch.full((1,), -5.0))
    def forward(self, x):
        return self.fc(x) + self.offset
m = Scale()
opt = torch.optim.Adam(m.parameters(), lr=0.05)  #+
x = torch.randn(200, 4)
y = x[:, :1] + 7
for i in range(400):
    loss = ((m(x) - y) ** 2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
print("score", 1 - loss.item() / y.pow(2).mean().item())
