# kind: target-not-updated
import copy
import random

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
np.random.seed(0)
random.seed(0)
class Env:
    def reset(self): self.x=random.randint(1,5); return self.obs()
    def obs(self): return torch.eye(7)[self.x]
    def step(self,a):
        self.x+=1 if a==1 else -1
        done=self.x in (0,6); return self.obs(), (1.0 if self.x==6 else (-1.0 if done else 0.0)), done
net=nn.Sequential(nn.Linear(7,32),nn.ReLU(),nn.Linear(32,2))
target_net=net  #! target_net=copy.deepcopy(net)
opt=torch.optim.Adam(net.parameters(),lr=1e-2)
env=Env(); buf=[]; step=0
for ep in range(60):
    s=env.reset(); done=False; t=0
    while not done and t<30:
        a=random.randrange(2) if random.random()<0.3 else net(s).argmax().item()
        s2,r,done=env.step(a); buf.append((s,a,r,s2,done)); s=s2; t+=1; step+=1
        if len(buf)>=32:
            b=random.sample(buf,32)
            S=torch.stack([x[0] for x in b]); A=torch.tensor([x[1] for x in b]); R=torch.tensor([x[2] for x in b])
            S2=torch.stack([x[3] for x in b]); D=torch.tensor([float(x[4]) for x in b])
            q=net(S).gather(1,A[:,None]).squeeze(1)
            with torch.no_grad(): y=R+0.99*target_net(S2).max(1)[0]*(1-D)
            loss=F.mse_loss(q,y)
            opt.zero_grad(); loss.backward(); opt.step()
        if step%100==0: target_net.load_state_dict(net.state_dict())
