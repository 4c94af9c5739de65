# kind: arguments-swapped
import copy
import random

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
np.random.seed(0)
random.seed(0)
c=torch.randn(5,10)*2; lab=torch.randint(0,5,(400,)); x=c[lab]+torch.randn(400,10)*.5
class ContrastiveLoss(nn.Module):
    def __init__(self,margin=2.0): super().__init__(); self.margin=margin
    def forward(self,a,b,label):
        d=F.pairwise_distance(a,b)  #+
        return torch.mean((1-label)*d.pow(2)+label*torch.clamp(self.margin-d,min=0).pow(2))  #! return torch.mean(label*d.pow(2)+(1-label)*torch.clamp(self.margin-d,min=0).pow(2))
net=nn.Sequential(nn.Linear(10,32),nn.ReLU(),nn.Linear(32,2)); crit=ContrastiveLoss(); opt=torch.optim.Adam(net.parameters(),lr=5e-3)
for s in range(300):
    i=torch.randint(0,400,(64,)); j=torch.randint(0,400,(64,))
    same=(lab[i]==lab[j]).float()
    loss=crit(net(x[i]),net(x[j]),same); opt.zero_grad(); loss.backward(); opt.step()  #+
print(loss.item())
