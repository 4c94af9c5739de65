# kind: graph-carried-over
import torch
from torch import nn
torch.manual_seed(0)
class Memory(nn.Module):
    def __init__(self):
        super().__init__()
        self.w, self.r = nn.Linear(4, 8), nn.Linear(8, 1)
        self.register_buffer("mem", torch.zeros(1, 8))
    def forward(self, x):
        self.mem = 0.9 * self.mem + 0.1 * self.w(x).mean(0, keepdim=True)  #! self.mem = 0.9 * self.mem.detach() + 0.1 * self.w(x).mean(0, keepdim=True)
        return self.r(torch.tanh(self.mem + self.w(x)))
m = Memory(); opt = torch.optim.Adam(m.parameters(), 0.01)
for i in range(30):
    x = torch.randn(16, 4); loss = (m(x) - x[:, 1:2]).pow(2).mean()  #+
    opt.zero_grad(); loss.backward(); opt.step()
